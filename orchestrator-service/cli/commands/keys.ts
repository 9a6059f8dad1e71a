import { PlatformError } from '../../../src/errors.ts'
import { ROLES } from '../../store/ports.ts'
import { openService } from '../client/open-service.ts'
import type { KeyView } from '../client/service-client.ts'
import type { CommandContext } from '../context.ts'
import { renderTable } from '../render-table.ts'
import { visible } from '../visible.ts'

/** The secret is shown here and never again. */
export async function keysCreate(context: CommandContext, flags: { owner: string; role: string }): Promise<number> {
  const { io } = context
  const role = ROLES.find((one) => one === flags.role)
  if (role === undefined)
    throw new PlatformError('usage', `Cannot read --role "${flags.role}": expected one of ${ROLES.join(', ')}`)
  await using service = await openService(context, 'read')
  const { secret, ...key } = await service.client.createKey(flags.owner, role)
  if (io.json) io.out(JSON.stringify({ key, secret }))
  else {
    io.err(`Key ${visible(key.id)} of ${visible(key.owner)}, role ${visible(key.role)}. The secret is not shown again:`)
    io.out(visible(secret))
  }
  return 0
}

export async function keysList(context: CommandContext): Promise<number> {
  const { io } = context
  await using service = await openService(context, 'read')
  const keys = await service.client.listKeys()
  if (io.json) io.out(JSON.stringify({ keys }))
  else if (keys.length === 0) io.out('No keys yet. Try: hotcell keys create --owner NAME --role user')
  else io.out(renderTable(['key', 'owner', 'role', 'created', 'revoked'], keys.map(rowOf)))
  return 0
}

export async function keysRevoke(context: CommandContext, id: string): Promise<number> {
  const { io } = context
  await using service = await openService(context, 'read')
  const key = await service.client.revokeKey(id)
  if (io.json) io.out(JSON.stringify({ key }))
  else io.out(`Revoked ${visible(key.id)} of ${visible(key.owner)}`)
  return 0
}

function rowOf(key: KeyView): string[] {
  const { id, owner, role, createdAt, revokedAt } = key
  return [id, owner, role, createdAt.slice(0, 19), revokedAt?.slice(0, 19) ?? ''].map(visible)
}
