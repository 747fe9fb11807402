import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startServer } from '../test-server.ts'

function builtPage(): string {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-web-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  mkdirSync(join(directory, 'assets'))
  writeFileSync(join(directory, 'index.html'), '<!doctype html><title>the page</title>')
  writeFileSync(join(directory, 'assets', 'index-abc123.js'), 'export {}')
  return directory
}

test('the page is served at the root and asked for again each time', async () => {
  const server = await startServer({ webDirectory: builtPage() })
  const answer = await server.inject({ url: '/' })
  expect(answer.body).toContain('the page')
  expect(answer.headers['content-type']).toContain('text/html')
  expect(answer.headers['cache-control']).toBe('no-cache')
})

test('assets with a hash in their name are kept for ever', async () => {
  const server = await startServer({ webDirectory: builtPage() })
  const answer = await server.inject({ url: '/assets/index-abc123.js' })
  expect(answer.body).toBe('export {}')
  expect(answer.headers['content-type']).toContain('javascript')
  expect(answer.headers['cache-control']).toBe('public, max-age=31536000, immutable')
})

test.each(['/assets/other.js', '/../package.json', '/%2e%2e/package.json', '/assets/'])(
  '%s is not found',
  async (url) => {
    const server = await startServer({ webDirectory: builtPage() })
    expect((await server.inject({ url })).statusCode).toBe(404)
  },
)

test('without a built page the root says how to build one', async () => {
  const server = await startServer({ webDirectory: '/nonexistent' })
  const answer = await server.inject({ url: '/' })
  expect(answer.statusCode).toBe(503)
  expect(answer.headers['content-type']).toContain('text/html')
  expect(answer.body).toContain('npm run web:build')
})
