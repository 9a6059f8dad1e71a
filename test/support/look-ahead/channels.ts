import type { Channel } from './channel.ts'
import { CHANNELS_OF_DATA } from './channels-of-data.ts'
import { CHANNELS_OF_METHODS } from './channels-of-methods.ts'
import { CHANNELS_OF_THE_LANGUAGE } from './channels-of-the-language.ts'

export const CHANNELS: readonly Channel[] = [...CHANNELS_OF_DATA, ...CHANNELS_OF_METHODS, ...CHANNELS_OF_THE_LANGUAGE]
