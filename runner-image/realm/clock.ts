import { MAILBOX_BAR_TIME } from './mailbox-layout.ts'

/** The realm's only clock is the mailbox: the instant of the decision being made, 0 before the first one. */
const clock = { times: new Float64Array(16) as Float64Array }

export function openClock(mailbox: SharedArrayBuffer): void {
  clock.times = new Float64Array(mailbox, 0, 16)
}

/** Instant of the decision being made (ms UTC), 0 before the first one. */
export function currentTime(): number {
  return clock.times[MAILBOX_BAR_TIME]!
}

const DAYS = 'Sun Mon Tue Wed Thu Fri Sat'.split(' ')
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')
const PARTS = ['FullYear', 'Month', 'Date', 'Day', 'Hours', 'Minutes', 'Seconds', 'Milliseconds']

/** Replaces the global Date by one that shows `currentTime` and knows UTC only. */
export function installDate(): void {
  const RealDate = Date
  const prototype = RealDate.prototype as unknown as Record<string, unknown>

  function HotDate(...args: number[]): unknown {
    if (new.target === undefined) return dateText(new RealDate(currentTime()))
    const [first] = args
    const value =
      args.length === 0 ? currentTime() : args.length === 1 ? first : Reflect.apply(RealDate.UTC, RealDate, args)
    return Reflect.construct(RealDate, [value], new.target)
  }
  Object.defineProperties(HotDate, {
    name: { value: 'Date' },
    length: { value: 7 },
    prototype: { value: RealDate.prototype, writable: false },
    now: { value: () => currentTime(), writable: true, configurable: true },
    parse: { value: RealDate.parse, writable: true, configurable: true },
    UTC: { value: RealDate.UTC, writable: true, configurable: true },
  })
  for (const part of PARTS) {
    prototype[`get${part}`] = prototype[`getUTC${part}`]
    if (part !== 'Day') prototype[`set${part}`] = prototype[`setUTC${part}`]
  }
  const own = {
    getTimezoneOffset: () => 0,
    toString(this: Date) {
      return dateText(this)
    },
    toDateString(this: Date) {
      return dayText(this)
    },
    toTimeString(this: Date) {
      return timeText(this)
    },
  }
  for (const name of ['getTimezoneOffset', 'toString', 'toDateString', 'toTimeString'] as const)
    prototype[name] = own[name]
  prototype['toLocaleString'] = own.toString
  prototype['toLocaleDateString'] = own.toDateString
  prototype['toLocaleTimeString'] = own.toTimeString
  for (const name of ['getYear', 'setYear', 'toTemporalInstant']) delete prototype[name]
  Object.defineProperty(prototype, 'constructor', { value: HotDate, writable: true, configurable: true })
  Object.defineProperty(globalThis, 'Date', { value: HotDate, writable: true, configurable: true })
}

function two(value: number): string {
  return value < 10 ? `0${value}` : `${value}`
}

function dayText(date: Date): string {
  const year = date.getUTCFullYear()
  if (year !== year) return 'Invalid Date'
  const digits = `000${year < 0 ? -year : year}`.slice(year > 9999 || year < -9999 ? -6 : -4)
  return `${DAYS[date.getUTCDay()]} ${MONTHS[date.getUTCMonth()]} ${two(date.getUTCDate())} ${year < 0 ? '-' : ''}${digits}`
}

function timeText(date: Date): string {
  if (date.getUTCDay() !== date.getUTCDay()) return 'Invalid Date'
  const clockText = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`
  return `${clockText} GMT+0000 (Coordinated Universal Time)`
}

function dateText(date: Date): string {
  const day = dayText(date)
  return day === 'Invalid Date' ? day : `${day} ${timeText(date)}`
}
