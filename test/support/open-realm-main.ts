import { readFileSync } from 'node:fs'

// The whole of stdin is one ES module that runs as plain Node: the wall under test is the container alone.
const source = readFileSync(0)
await import(`data:text/javascript;base64,${source.toString('base64')}`)
