import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { operations } from '../../../../collector/http/openapi/document.ts'
import { startServer } from '../test-server.ts'

interface Document {
  readonly openapi: string
  readonly paths: Readonly<
    Record<
      string,
      Readonly<Record<string, { readonly parameters: unknown[]; readonly responses: object }>> & {
        readonly servers: readonly { readonly url: string }[]
      }
    >
  >
}

test('every route is described, and everything described is a route', async () => {
  const server = await startServer()
  const described = operations.flatMap(({ path, methods, mount }) =>
    methods.map((method) => `${mount}: ${method} ${path}`),
  )
  const routes = server.routes().map(({ method, path, mount }) => `${mount}: ${method} ${path}`)
  expect({
    undescribed: routes.filter((route) => !described.includes(route)),
    withoutRoute: described.filter((route) => !routes.includes(route)),
  }).toEqual({ undescribed: [], withoutRoute: [] })
  expect(new Set(described).size).toBe(described.length)
})

test('the document has each path once, with its servers, parameters and answers', async () => {
  const server = await startServer()
  const document = (await server.inject({ url: '/api/v1/openapi.json' })).json<Document>()
  expect(document.openapi).toBe('3.1.0')
  expect(Object.keys(document.paths)).toHaveLength(new Set(operations.map(({ path }) => path)).size)
  const values = document.paths['/api/v1/label/{name}/values']
  expect(values?.servers.map(({ url }) => url)).toEqual([
    '/',
    '/prometheus',
    '/select/0/prometheus',
    '/select/0:0/prometheus',
  ])
  expect(values?.['get']?.parameters).toContainEqual(
    expect.objectContaining({ name: 'name', in: 'path', required: true }),
  )
  expect(values?.['get']?.responses).toMatchObject({ 200: {}, default: {} })
})

test('every reference in the document leads somewhere', async () => {
  const server = await startServer()
  const { body } = await server.inject({ url: '/api/v1/openapi.json' })
  const { components } = JSON.parse(body) as { components: { schemas: object } }
  const references = [...body.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name)
  expect(references.length).toBeGreaterThan(3)
  expect(Object.keys(components.schemas)).toEqual(expect.arrayContaining(references))
})

test('the YAML says the same as the JSON', async () => {
  const server = await startServer()
  const json = (await server.inject({ url: '/api/v1/openapi.json' })).json<object>()
  const yaml = await server.inject({ url: '/api/v1/openapi.yaml' })
  expect(parse(yaml.body)).toEqual(json)
})
