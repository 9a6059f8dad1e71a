import { defineConfig } from 'vitest/config'

/** One project per level, so that a level can be run alone: `npx vitest run --project unit`. */
function level(name: string, options: { timeoutMs: number; parallel: boolean }) {
  return {
    test: {
      name,
      include: [`test/${name}/**/*.test.ts`],
      testTimeout: options.timeoutMs,
      hookTimeout: options.timeoutMs,
      fileParallelism: options.parallel,
      // Attacks run two at a time, each with a benign job beside it; no other level runs tests of a file at once
      maxConcurrency: 2,
      retry: 0,
    },
  }
}

export default defineConfig({
  test: {
    projects: [
      level('unit', { timeoutMs: 60_000, parallel: true }),
      level('golden', { timeoutMs: 120_000, parallel: true }),
      level('integration', { timeoutMs: 180_000, parallel: false }),
      level('attacks', { timeoutMs: 300_000, parallel: false }),
    ],
  },
})
