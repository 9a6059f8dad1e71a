import type { ProgramSpec } from './program.ts'
import type { ImageFile } from './root-files.ts'

export interface EnsuredImage {
  readonly ref: string
  /** As the engine names it. */
  readonly id: string
  /** `sha256:…` of the image's config, which names every layer by content: what provenance states. */
  readonly digest: string
  readonly built: boolean
}

export interface EnsureOptions {
  readonly log?: (line: string) => void
  /** A base image to take Node and its libraries from, where this system has none for Linux. */
  readonly base?: string | undefined
}

/** What makes an image besides the root. */
export interface ImageProgram {
  readonly repository: string
  readonly realm: 'sealed' | 'open'
  readonly spec: ProgramSpec
  /** Project-relative path -> text in its place; attack images only. */
  readonly overrides?: Readonly<Record<string, string>>
  /** Files of /app beside the bundles, by absolute path in the image. */
  readonly files?: readonly ImageFile[]
}
