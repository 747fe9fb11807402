import { existsSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { ApiContext } from '../api-context.ts'

const notBuilt = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>pgherd</title>
<h1>The web page is not built</h1>
<p>Build it with <code>npm run web:build</code> and start the collector again.
The API works without it: try <a href="/api/v1/nodes">/api/v1/nodes</a>.</p>
</html>
`

/** What the page shows besides the fleet at `/`; collector/web/state/route.ts has the same list. */
const pages = ['/c/:cluster', '/d/:uid', '/explore', '/alerts', '/commands', '/backups', '/tuning']

/** The built-in page at `/`: files of the build, or a text that says how to get them. */
export function addWebPage(app: FastifyInstance, { deps }: ApiContext): void {
  const index = join(deps.webDirectory, 'index.html')
  if (!existsSync(index)) {
    app.get('/', (_request, reply) => reply.code(503).type('text/html').send(notBuilt))
    return
  }
  const assets = join(deps.webDirectory, 'assets') + sep
  app.register(fastifyStatic, {
    root: deps.webDirectory,
    // The files are listed once: a request can name nothing else.
    wildcard: false,
    cacheControl: false,
    setHeaders: (reply, file) => {
      // A name in assets/ contains the hash of the content; everything else may change with an update.
      const forEver = file.startsWith(assets)
      void reply.header('cache-control', forEver ? 'public, max-age=31536000, immutable' : 'no-cache')
    },
  })
  const html = readFileSync(index, 'utf8')
  for (const path of pages) {
    const depth = path.split('/').length - 2
    const moved = underFolders(html, depth)
    app.get(path, { constraints: { reader: 'browser' } }, (_request, reply) => sendPage(reply, moved))
  }
}

/**
 * The document for an address that many folders below its own. What it names is named from there, because only the
 * browser knows under which path a proxy has the collector.
 */
function underFolders(html: string, depth: number): string {
  return depth === 0 ? html : html.replaceAll('="./', `="${'../'.repeat(depth)}`)
}

function sendPage(reply: FastifyReply, html: string): FastifyReply {
  return reply.header('cache-control', 'no-cache').header('vary', 'accept').type('text/html').send(html)
}
