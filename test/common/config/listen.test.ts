import { expect, test } from 'vitest'
import { anyListen, localListen } from '../../../common/config/listen.ts'

test.each(['0.0.0.0:8432', '[::]:0', 'db.example:65535'])('with TLS %s may be listened on', (given) => {
  expect(anyListen.print(anyListen.schema.parse(given))).toBe(given)
})

test.each([':80', '0.0.0.0', '0.0.0.0:65536', '::1:80', 'a b:80', '/run/x.sock'])(
  '%j is no address and port',
  (given) => {
    expect(anyListen.schema.safeParse(given).success).toBe(false)
  },
)

test.each(['127.0.0.1:8432', '[::1]:0', '/run/pgherd/collector.sock'])('%s needs no TLS', (given) => {
  expect(localListen.print(localListen.schema.parse(given))).toBe(given)
})

test.each(['0.0.0.0:80', '10.0.0.1:80', 'collector.sock', `/${'x'.repeat(107)}`])(
  '%s is refused without TLS',
  (given) => {
    expect(localListen.schema.safeParse(given).success).toBe(false)
  },
)
