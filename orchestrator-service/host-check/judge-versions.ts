import type { EngineFacts } from './engine-facts.ts'
import { type Finding, good, weak } from './finding.ts'
import { COMPONENTS, type Component, type FlawFile, flawsOf, type KnownFlaw } from './known-flaws.ts'
import { parseVersion, type Version } from './version.ts'

const NAMES: Readonly<Record<Component, string>> = {
  docker: 'Docker engine',
  containerd: 'containerd',
  runc: 'runc',
  runsc: 'gVisor (runsc)',
  kernel: 'Linux',
}

/** Versions, and one finding for each known flaw that a component has by its number. */
export function judgeVersions({ versions }: Pick<EngineFacts, 'versions'>, { flaws, updated }: FlawFile): Finding[] {
  const said = COMPONENTS.flatMap((component) => {
    const text = versions[component]
    return text === null ? [] : [`${NAMES[component]} ${text}`]
  })
  const findings = COMPONENTS.flatMap((component) => judgeComponent(component, versions[component], flaws))
  const none = findings.length === 0 ? `: no flaw of the list of ${updated}` : ''
  return [good('versions', `${said.join(', ')}${none}`), ...findings]
}

function judgeComponent(component: Component, text: string | null, flaws: readonly KnownFlaw[]): Finding[] {
  // Not every engine has gVisor, and one without runc says so itself
  if (text === null && component === 'runsc') return []
  const version = text === null ? null : parseVersion(text)
  if (version !== null) return flawsOf(component, version, flaws).map((flaw) => judgeFlaw(component, version, flaw))
  return [
    weak(
      `${component}-version`,
      `${NAMES[component]} does not say a version that can be compared (${text ?? 'none'})`,
      {
        weakens: 'known ways out of a container cannot be told from it',
        action: `Look up its version by hand; if it is good: HOTCELL_ACCEPT=${component}-version`,
      },
    ),
  ]
}

function judgeFlaw(component: Component, version: Version, flaw: KnownFlaw): Finding {
  const { cve, name, fixed, allows, cells } = flaw
  const releases = fixed.join(', ')
  const older = `${NAMES[component]} ${version.text} is by its number without the fix of ${cve} (${name}), which came with ${releases}`
  const build = version.build === null ? '' : '; it is the build of a distribution, which may carry the patch'
  return weak(cve, older + build, {
    weakens: `${allows}. Cells: ${cells}`,
    action:
      version.build === null
        ? `Install ${NAMES[component]} ${releases} or newer (https://nvd.nist.gov/vuln/detail/${cve})`
        : `See whether this build has it: ${trackerOf(version.build, cve)}. If it has: HOTCELL_ACCEPT=${cve}. If not: install ${releases} or newer`,
  })
}

/** Where whoever made the build says what it contains. */
function trackerOf(build: string, cve: string): string {
  if (/ubuntu|-generic|-azure|-aws|-gcp/.test(build)) return `https://ubuntu.com/security/${cve}`
  if (/deb|dfsg|[+~]ds\d|-amd64|-arm64/.test(build)) return `https://security-tracker.debian.org/tracker/${cve}`
  if (/\.el\d|\.fc\d/.test(build)) return `https://access.redhat.com/security/cve/${cve}`
  return `ask who built it (https://nvd.nist.gov/vuln/detail/${cve})`
}
