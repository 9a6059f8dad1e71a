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
