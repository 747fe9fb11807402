import { expect, test } from 'vitest'
import { defaultUnitPatterns, unitMatcher } from '../../../../agent/host/systemd/units.ts'

test.each([
  ['postgresql*', 'postgresql@15-main.service', true],
  ['postgresql*', 'my-postgresql.service', false],
  ['patroni.service', 'patroni.service', true],
  ['patroni.service', 'patroni-service', false],
  ['*_exporter.service', 'node_exporter.service', true],
  ['etcd?.service', 'etcd1.service', true],
  ['etcd?.service', 'etcd.service', false],
  ['etcd[12].service', 'etcd2.service', true],
  ['etcd[!12].service', 'etcd2.service', false],
  ['etcd[!12].service', 'etcd3.service', true],
  ['dev-disk-by\\x2did*', 'dev-disk-by\\x2did.device', true],
  ['a+(b)', 'a+(b)', true],
])('%s matches %s: %s', (pattern, name, matches) => {
  expect(unitMatcher([pattern])(name)).toBe(matches)
})

test('the defaults are the stack', () => {
  const isWanted = unitMatcher(defaultUnitPatterns)
  const stack = [
    'postgresql.service',
    'postgresql-17.service',
    'patroni@main.service',
    'etcd.service',
    'haproxy.service',
    'pgbouncer.service',
    'keepalived.service',
    'vip-manager.service',
    'pgbackrest-full.timer',
    'chronyd.service',
    'systemd-timesyncd.service',
    'prometheus-node-exporter.service',
    'pg_exporter.service',
    'pgherd-agent.service',
  ]
  expect(stack.filter((name) => !isWanted(name))).toEqual([])
  expect(['ssh.service', 'cron.service', 'systemd-journald.service'].filter(isWanted)).toEqual([])
})
