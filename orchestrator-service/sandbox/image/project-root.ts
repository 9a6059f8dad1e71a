import { resolve } from 'node:path'

/** The folder of package.json: where sources and node_modules are taken from. */
export const PROJECT_ROOT = resolve(import.meta.dirname, '../../..')
