import { it } from 'vitest'
import { checkKey, createKey, hashSecret, KEY_FORM } from '../../orchestrator-service/store/keys.ts'
import type { OpenTestStores } from './job-store-contract.ts'

export function registerKeyContract(open: OpenTestStores): void {
  it('are found by their secret, of which the store knows only a hash', async ({ expect }) => {
    await using test = await open()
    const { keys } = test.stores

    const { key, secret } = await createKey(keys, { owner: 'ann', role: 'auditor', now: 5 })

    expect(secret).toMatch(KEY_FORM)
    expect(key).toEqual({ id: key.id, owner: 'ann', role: 'auditor', createdAt: 5, revokedAt: null })
    expect(key.id).toMatch(/^k-[a-z2-7]{12}$/)
    expect(await checkKey(keys, secret)).toEqual(key)
    expect(await keys.find(hashSecret(secret))).toEqual(key)
    expect(await keys.find(secret)).toBeNull()
  })

  it('open nothing with another secret', async ({ expect }) => {
    await using test = await open()
    const { keys } = test.stores
    const { key, secret } = await createKey(keys, { owner: 'ann', role: 'user', now: 5 })

    const others = ['', key.id, secret.slice(0, -1), `${secret}A`, secret.toUpperCase(), hashSecret(secret)]
    for (const other of [...others, `hk_${'A'.repeat(43)}`]) expect(await checkKey(keys, other), other).toBeNull()
  })

  it('are listed in the order of their making, and open nothing once revoked', async ({ expect }) => {
    await using test = await open()
    const { keys } = test.stores
    expect(await keys.list()).toEqual([])
    const first = await createKey(keys, { owner: 'ann', role: 'user', now: 5 })
    const second = await createKey(keys, { owner: 'bob', role: 'admin', now: 6 })

    expect(await keys.revoke(first.key.id, 9)).toEqual({ ...first.key, revokedAt: 9 })
    expect(await keys.revoke(first.key.id, 12)).toMatchObject({ revokedAt: 9 })

    expect(await checkKey(keys, first.secret)).toBeNull()
    expect(await checkKey(keys, second.secret)).toEqual(second.key)
    expect(await keys.list()).toEqual([{ ...first.key, revokedAt: 9 }, second.key])
    await expect(keys.revoke('k-none', 9)).rejects.toMatchObject({ code: 'unknown_key' })
  })
}
