import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { Interval } from '../../src/candles/interval.ts'
import type { CandleSeries } from '../../src/candles/series.ts'
import type { Instrument } from '../../src/instruments/instrument.ts'
import { parseConfig } from '../../src/protocol/parse-config.ts'
import type { ProfileName } from '../../src/protocol/profile-names.ts'
import type { RunConfig } from '../../src/protocol/run-config.ts'
import { makePerpetual } from './sample-perpetual.ts'
import { seriesOf } from './timeline-input.ts'

/** The scenarios that other engines have played (test/golden/peers), as this product plays them. */
const FOLDER = new URL('../golden/peers/', import.meta.url)
const ROOT = new URL('../../', import.meta.url)

export type Cell = string | number

interface Table {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly Cell[])[]
}

/** What an engine made of a scenario, as its script wrote it. */
export interface PeerOutput {
  readonly package: string
  readonly version: string
  /** Of the scripts and of the scenarios that they read. */
  readonly sha256: Readonly<Record<string, string>>
  readonly candles: Readonly<Record<string, string>>
  readonly refused: number
  readonly finalEquity: number
  readonly fills: Table
  readonly trades: Table
}

interface CandleSpec {
  readonly file: string
  readonly symbol: string
  readonly interval: Interval
  readonly from: number
  readonly rows: number
}

interface ScenarioSpec {
  readonly candles: readonly string[]
  readonly strategy: string
  readonly params: Readonly<Record<string, string | number>>
  readonly config: Readonly<Record<string, unknown>>
  /** What only the script of the peer needs, but for `add`: a position may grow. */
  readonly peer?: Readonly<Record<string, unknown>>
}

interface ScenarioFile {
  readonly candles: Readonly<Record<string, CandleSpec>>
  readonly scenarios: Readonly<Record<string, ScenarioSpec>>
}

export interface PeerScenario {
  readonly name: string
  readonly config: RunConfig
  readonly instruments: readonly (Instrument | null)[]
  readonly series: readonly CandleSeries[]
  /** sha256 of the lines of each excerpt. */
  readonly candles: Readonly<Record<string, string>>
  readonly output: PeerOutput
}

export type Peer = Exclude<ProfileName, 'hotcell/v1'>

const slugOf = (peer: Peer): string => peer.replaceAll('.', '-')

/** sha256 of a file of the folder. */
export function hashPeerFile(name: string): string {
  return createHash('sha256')
    .update(readFileSync(new URL(name, FOLDER)))
    .digest('hex')
}

export function scenarioNames(peer: Peer): string[] {
  return Object.keys(readScenarios(peer).scenarios)
}

function readScenarios(peer: Peer): ScenarioFile {
  return JSON.parse(readFileSync(new URL(`${slugOf(peer)}-scenarios.json`, FOLDER), 'utf8')) as ScenarioFile
}

/** Lines of the candles: the excerpt, or, for those too long for one, the test data; null: they are not on this machine. */
function readCandles(name: string, spec: CandleSpec): string | null {
  const excerpt = new URL(`candles/${name}.csv`, FOLDER)
  if (existsSync(excerpt)) return readFileSync(excerpt, 'utf8')
  const folder = new URL(`${process.env['HOTCELL_TEST_DATA'] ?? '../shared/data'}/`, ROOT)
  const file = new URL(`${spec.file}.csv.gz`, folder)
  if (!existsSync(file)) {
    console.log(`left out: ${spec.rows} candles are too long for an excerpt, and no test data at ${file.pathname}`)
    return null
  }
  const [header, ...lines] = gunzipSync(readFileSync(file)).toString('utf8').trim().split('\n')
  return `${[header, ...lines.slice(spec.from, spec.from + spec.rows)].join('\n')}\n`
}

function parseCandles(text: string, spec: CandleSpec): CandleSeries {
  const lines = text.trim().split('\n').slice(1)
  const bars = lines.map((line) => {
    const [time, open, high, low, close, volume] = line.split(',').map(Number)
    return { time: time!, open: open!, high: high!, low: low!, close: close!, volume: volume! }
  })
  return seriesOf(spec.symbol, spec.interval, bars)
}

/** A scenario ready to be played, under the profile of its peer or another; null where its candles are not on this machine. */
export function readScenario(
  peer: Peer,
  name: string,
  { profile = peer, folder = 'strategies' }: { profile?: ProfileName; folder?: string } = {},
): PeerScenario | null {
  const file = readScenarios(peer)
  const spec = file.scenarios[name]!
  const series: CandleSeries[] = []
  const candles: Record<string, string> = {}
  for (const key of spec.candles) {
    const text = readCandles(key, file.candles[key]!)
    if (text === null) return null
    candles[key] = createHash('sha256').update(text).digest('hex')
    series.push(parseCandles(text, file.candles[key]!))
  }
  const { symbols, interval } = { symbols: series.map((one) => one.symbol), interval: series[0]!.interval }
  const { config } = parseConfig({
    strategy: { module: spec.strategy, params: spec.params },
    files: { [spec.strategy]: readFileSync(new URL(`${folder}/${spec.strategy}`, FOLDER), 'utf8') },
    symbols,
    interval,
    profile,
    fee: 'zero',
    args: { adds: spec.peer?.['add'] === true },
    ...spec.config,
  })
  return {
    name,
    config,
    // Shorts need a market of perpetuals; the peers know no margin, so the tier is one that nothing reaches
    instruments: config.symbols.map((symbol) => (config.market === 'spot' ? null : makePerpetual(symbol))),
    series,
    candles,
    output: JSON.parse(readFileSync(new URL(`outputs/${slugOf(peer)}/${name}.json`, FOLDER), 'utf8')) as PeerOutput,
  }
}
