import { describe, it } from 'vitest'
import { openPorts } from '../../../runner-image/realm/ports.ts'

class Counter {
  readonly #by: number
  #calls = 0

  constructor({ by }: { by: number }) {
    this.#by = by
  }

  execute(order: { quantity: number }): object[] {
    this.#calls += this.#by
    return [{ quantity: order.quantity, price: this.#calls }]
  }
}

const MODULES = { Counter, none: () => [] as object[] }

/** Several executors of one port, as phase 2 asks them. */
function open() {
  const ports = openPorts(
    [
      { port: 'executor', name: 'one', module: 'a.js', class: 'Counter', params: { by: 1 } },
      { port: 'executor', name: 'ten', module: 'a.js', class: 'Counter', params: { by: 10 } },
      { port: 'executor', name: 'at once', module: 'a.js', function: 'none' },
    ],
    () => MODULES,
  )
  return (name: string) => ports.ask('executor', JSON.stringify([name, { quantity: 2 }, {}, {}]))
}

describe('ports of several names', () => {
  it('ask the one that the first argument names, with the others', ({ expect }) => {
    const ask = open()

    expect(ask('one')).toBe('v[{"quantity":2,"price":1}]')
    expect(ask('ten')).toBe('v[{"quantity":2,"price":10}]')
    expect(ask('at once')).toBe('v[]')
  })

  it('make each class once for each name', ({ expect }) => {
    const ask = open()
    ask('one')
    ask('ten')

    expect(ask('one')).toContain('"price":2')
    expect(ask('ten')).toContain('"price":20')
  })
})
