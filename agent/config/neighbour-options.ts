import { list, oneOf, path, text, url } from '../../common/config/kinds.ts'
import { option, optional, required } from '../../common/config/option-table.ts'
import { records } from '../../common/config/records.ts'
import { address } from './names.ts'
import { endpointFields } from './scrape-options.ts'

export const neighbourKinds = ['patroni', 'haproxy', 'etcd', 'keepalived', 'pgbackrest', 'vip'] as const

export const neighbourOptions = {
  neighbours: option(
    records({
      kind: required(oneOf(neighbourKinds), 'what it is'),
      url: optional(
        url(['http', 'https']),
        'of its metrics: patroni, haproxy, etcd; their usual ports unless told',
      ),
      ...endpointFields,
      command: optional(
        list(text({ pattern: /^[^\u0000]+$/, allowed: 'a word of the command line' })),
        'pgbackrest: the program and what comes before its own arguments, such as [sudo, -n, -u, postgres, pgbackrest]',
      ),
      config_file: optional(
        path,
        'pgbackrest: its configuration file, its own default unless told; patroni: its own file, from which its address and certificates are taken, and for commands user and password',
      ),
      stanza: optional(
        text({ pattern: /^[A-Za-z0-9_.-]+$/, allowed: 'a stanza' }),
        'pgbackrest: the only stanza to report; all unless told',
      ),
      pid_file: optional(path, 'keepalived: file with its process id'),
      dump_prefix: optional(
        path,
        'keepalived: its dump files without their ending; /tmp/keepalived unless told',
      ),
      addresses: optional(list(address), 'keepalived, vip: addresses that move between hosts'),
    }),
    'what runs beside PostgreSQL: patroni, haproxy, etcd, keepalived, vip-manager, pgbackrest',
    [],
  ),
} as const
