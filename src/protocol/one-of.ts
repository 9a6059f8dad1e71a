import { type TEnum, Type } from 'typebox'

/** Schema of a closed list of words; its type is their union. */
export function oneOf<const T extends readonly string[]>(values: T): TEnum<[...T]> {
  return Type.Enum([...values]) as unknown as TEnum<[...T]>
}
