import { afterAll, beforeAll, describe, it } from 'vitest'
import { type ApiDocument, mismatches, operationsOf, resolveSchema } from '../../support/api-document.ts'
import { startTestService, type TestService } from '../../support/api-service.ts'

describe('the OpenAPI document', () => {
  let service: TestService
  let document: ApiDocument

  beforeAll(async () => {
    service = await startTestService()
    document = (await service.json('GET', '/openapi.json', { secret: null })) as unknown as ApiDocument
  })
  afterAll(async () => await service[Symbol.asyncDispose]())

  it('is OpenAPI 3.1 with a scheme for keys, and describes its tags', ({ expect }) => {
    const used = new Set([...operationsOf(document).values()].flatMap(({ tags }) => tags))

    expect(document.openapi).toBe('3.1.0')
    expect(document.components.securitySchemes).toMatchObject({ key: { type: 'http', scheme: 'bearer' } })
    expect(new Set(document.tags.map(({ name }) => name))).toEqual(used)
    for (const tag of document.tags) expect(tag.description, tag.name).not.toBe('')
  })

  it('names every operation once and says what it does', ({ expect }) => {
    const operations = [...operationsOf(document).values()]
    const ids = operations.map(({ operationId }) => operationId)

    expect(ids.length).toBeGreaterThan(20)
    expect(new Set(ids).size).toBe(ids.length)
    for (const { operationId, summary } of operations) expect(summary, operationId).toMatch(/^[A-Z].{5,}/)
  })

  it('gives every answer a description and a schema, and every route its refusals', ({ expect }) => {
    for (const [route, { responses, security }] of operationsOf(document)) {
      const wanted = ['400', '415', '500', '503', ...(security === undefined ? ['401', '403'] : [])]

      expect(Object.keys(responses), route).toEqual(expect.arrayContaining(wanted))
      expect(
        Object.keys(responses).some((status) => status.startsWith('2')),
        route,
      ).toBe(true)
      for (const [status, { description, content, headers }] of Object.entries(responses)) {
        expect(description, `${route} ${status}`).not.toMatch(/^(Default Response)?$/)
        if (status === '204') continue
        expect(Object.keys(content ?? {}).length, `${route} ${status}`).toBeGreaterThan(0)
        for (const { schema } of Object.values(content!))
          expect(Object.keys(resolveSchema(document, schema))).not.toEqual([])
        if (Number(status) >= 400) expect(Object.keys(content!)).toEqual(['application/problem+json'])
        if (status === '429' || status === '503') expect(headers, `${route} ${status}`).toHaveProperty('Retry-After')
      }
    }
  })

  it('has examples of every named shape, which match it', ({ expect }) => {
    for (const [name, schema] of Object.entries(document.components.schemas)) {
      expect(schema.examples?.length, name).toBeGreaterThan(0)
      for (const example of schema.examples!) expect(mismatches(document, schema, example), name).toEqual([])
    }
  })

  it('has parameters with schemas, whose examples match, and one for every word in braces', ({ expect }) => {
    for (const [route, { parameters = [] }] of operationsOf(document)) {
      const inPath = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name)

      expect(new Set(inPath), route).toEqual(new Set([...route.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)))
      for (const { name, schema, example } of parameters) {
        expect(Object.keys(schema), `${route} ${name}`).not.toEqual([])
        if (example !== undefined) expect(mismatches(document, schema, example), `${route} ${name}`).toEqual([])
      }
    }
  })

  it('refers to nothing that is not in it', ({ expect }) => {
    expect(() => resolveSchema(document, document.paths)).not.toThrow()
    expect(() => resolveSchema(document, document.components.schemas)).not.toThrow()
  })
})
