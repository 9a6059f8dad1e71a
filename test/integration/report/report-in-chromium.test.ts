import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium, type Browser, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { buildReport } from '../../../orchestrator-service/results/report/build-report.ts'
import { syntheticRun, type SyntheticOptions } from '../../support/synthetic-run.ts'

const CHROMIUM = '/usr/bin/chromium'
const MIB = 1024 * 1024
const missing = !existsSync(CHROMIUM)
if (missing) console.log(`Left out: reports in a browser, because ${CHROMIUM} is missing (apt-get install chromium)`)

function reportOf(options: SyntheticOptions): string {
  const { result, analysis, candles } = syntheticRun(options)
  const { explanation, time, equity, benchmark } = analysis
  return buildReport({
    result,
    equity: { time, equity, benchmark: benchmark.equity },
    candles,
    fills: explanation.fills,
    trades: explanation.trades,
  })
}

interface OpenReport {
  readonly page: Page
  readonly requests: string[]
  readonly complaints: string[]
  readonly paintedMs: number
}

async function openReport(browser: Browser, file: string): Promise<OpenReport> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
  const requests: string[] = []
  const complaints: string[] = []
  page.on('request', (request) => requests.push(request.url()))
  page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`))
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  await page.goto(pathToFileURL(file).href)
  const painted = await page.waitForFunction('globalThis.__hotcellPainted', undefined, { timeout: 20_000 })
  return { page, requests, complaints, paintedMs: (await painted.jsonValue()) as number }
}

/** Pixels of a canvas that differ from its corner: whether something was drawn. */
const drawnPixels = async (page: Page, chart: string): Promise<number> =>
  await page.evaluate(`(() => {
    const canvas = document.querySelector('${chart} canvas')
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
    let drawn = 0
    for (let i = 3; i < data.length; i += 4) if (data[i] !== 0) drawn++
    return drawn
  })()`)

describe.skipIf(missing)('a report in chromium', () => {
  let browser: Browser
  let directory: string

  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'hotcell-report-'))
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ['--no-sandbox', '--disable-quic', '--disable-background-networking'],
    })
  })

  afterAll(async () => {
    await browser.close()
    await rm(directory, { recursive: true, force: true })
  })

  async function write(name: string, report: string): Promise<string> {
    const file = path.join(directory, name)
    await writeFile(file, report)
    return file
  }

  test('of 1 M bars and 20,000 trades is <= 5 MiB and painted in < 2 s, without a request or complaint', async ({
    expect,
  }) => {
    const report = reportOf({ symbols: ['BTCUSDT'], interval: '1m', bars: 1_000_000, trades: 20_000 })
    const file = await write('large.html', report)

    const { page, requests, complaints, paintedMs } = await openReport(browser, file)

    console.log(
      `1 M bars: ${(Buffer.byteLength(report) / MIB).toFixed(2)} MiB, painted after ${Math.round(paintedMs)} ms`,
    )
    expect(Buffer.byteLength(report)).toBeLessThanOrEqual(5 * MIB)
    expect(paintedMs).toBeLessThan(2000)
    expect(requests).toEqual([pathToFileURL(file).href])
    expect(complaints).toEqual([])
    for (const chart of ['#price-chart', '#equity-chart', '#drawdown-chart']) {
      expect(await drawnPixels(page, chart), chart).toBeGreaterThan(1000)
    }
    expect(await page.locator('#pager').innerText()).toContain('1–25 of 20,000')
  })

  test('of 500 symbols stays <= 5 MiB', async ({ expect }) => {
    const symbols = Array.from({ length: 500 }, (_, i) => `S${String(i).padStart(3, '0')}USDT`)
    const report = reportOf({ symbols, interval: '1h', bars: 1000, trades: 50 })

    const { complaints, paintedMs } = await openReport(browser, await write('many.html', report))

    expect(Buffer.byteLength(report)).toBeLessThanOrEqual(5 * MIB)
    expect(paintedMs).toBeLessThan(2000)
    expect(complaints).toEqual([])
  })

  test('zooms all charts together and shows a selected trade', async ({ expect }) => {
    const report = reportOf({ symbols: ['BTCUSDT', 'ETHUSDT'], interval: '1d', bars: 420, trades: 12 })
    const { page, complaints } = await openReport(browser, await write('small.html', report))
    const before = await page.locator('#price-chart canvas').screenshot()

    await page.locator('#trades tbody tr').nth(1).click()
    await page.waitForTimeout(200)

    expect(await page.locator('#symbol').inputValue()).toBe('1')
    expect((await page.locator('#price-chart canvas').screenshot()).equals(before)).toBe(false)
    await page.locator('#reset').click()
    await page.selectOption('#symbol', '0')
    await page.waitForTimeout(200)
    expect((await page.locator('#price-chart canvas').screenshot()).equals(before)).toBe(true)
    expect(complaints).toEqual([])
  })

  test('runs nothing that a stranger wrote', async ({ expect }) => {
    const attack = `</script><script>alert(1)</script><img src=x onerror=alert(2)>`
    const report = reportOf({
      symbols: [attack, 'ETHUSDT'],
      interval: '1d',
      bars: 420,
      trades: 12,
      labels: { [attack]: attack },
      config: { strategy: { module: attack, class: attack, params: { [attack]: attack } } },
    })
    const file = await write('hostile.html', report)

    const { page, requests, complaints } = await openReport(browser, file)

    expect(requests).toEqual([pathToFileURL(file).href])
    expect(complaints).toEqual([])
    expect(await page.locator('img').count()).toBe(0)
    expect(await page.locator('#symbol option').first().innerText()).toBe(attack)
    expect(await page.title()).toContain(attack)
  })

  test('fits a narrow screen without scrolling sideways', async ({ expect }) => {
    const report = reportOf({ symbols: ['BTCUSDT'], interval: '1d', bars: 420, trades: 12 })
    const { page } = await openReport(browser, await write('narrow.html', report))

    await page.setViewportSize({ width: 380, height: 800 })
    await page.waitForTimeout(200)

    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(380)
  })
})
