import { Agent, request } from 'node:http'

export interface Answer {
  readonly status: number
  readonly body: Buffer
}

export interface Client extends Disposable {
  post(path: string, body: Uint8Array, headers: Readonly<Record<string, string>>): Promise<Answer>
  get(path: string): Promise<Answer>
}

/**
 * Requests over connections that are kept, without compression of answers: what a server does for them is its own work.
 * A password in the URL is sent as bearer token.
 */
export function createClient(url: string): Client {
  const agent = new Agent({ keepAlive: true })
  const { hostname, port, password } = new URL(url)
  const credentials = password === '' ? {} : { authorization: `Bearer ${password}` }
  const send = (
    method: string,
    path: string,
    headers: Readonly<Record<string, string | number>>,
    body?: Uint8Array,
  ): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const sent = request(
        { agent, hostname, port, method, path, headers: { ...credentials, ...headers } },
        (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.once('error', reject)
          response.once('end', () =>
            resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }),
          )
        },
      )
      sent.once('error', reject)
      sent.end(body)
    })
  return {
    post: (path, body, headers) => send('POST', path, { ...headers, 'content-length': body.length }, body),
    get: (path) => send('GET', path, {}),
    [Symbol.dispose]: () => agent.destroy(),
  }
}
