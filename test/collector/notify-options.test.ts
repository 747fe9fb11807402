import { expect, test } from 'vitest'
import { collectorProgram } from '../../collector/config.ts'
import { loadConfig } from '../../common/config/load-config.ts'
import { printOptions } from '../../common/config/option-table.ts'

function load(text: string) {
  const loaded = loadConfig(collectorProgram.table, {
    file: { name: 'collector.yaml', text },
    environment: {},
    environmentPrefix: collectorProgram.environmentPrefix,
    flags: new Map(),
  })
  const { config } = loaded
  return {
    config,
    problems: config === undefined ? loaded.problems : (collectorProgram.check?.(config) ?? []),
  }
}

const mail = (lines: string) => `notify:\n  email:\n${lines}`

test.each([
  ['nothing', ''],
  ['Alertmanagers by URL', 'alertmanager: { urls: [http://a:9093, http://b:9093] }'],
  [
    'Alertmanagers with credentials',
    'alertmanager: { endpoints: [{ url: https://a:9093, bearer_token_file: /t, ca_file: /ca }] }',
  ],
  ['a webhook', 'notify: { webhooks: [{ url: https://hooks.example/services/x }], routing_file: /r }'],
  [
    'mail',
    mail(
      '    server: mail.example.com:587\n    from: pgherd <pgherd@example.com>\n    to: [dba@example.com]\n    username: u\n    password_file: /p',
    ),
  ],
  [
    'mail in clear text on this machine',
    mail('    server: 127.0.0.1:25\n    tls: none\n    from: a@b\n    to: [c@d]'),
  ],
])('is valid: %s', (_what, text) => {
  expect(load(text).problems).toEqual([])
})

test.each([
  [
    'both ways at once',
    'alertmanager: { urls: [http://a:9093] }\nnotify: { webhooks: [{ url: http://b }] }',
    'notify: had webhooks or e-mail beside an Alertmanager, which would tell everything twice; allowed: one of both',
  ],
  [
    'an Alertmanager with a user and no password',
    'alertmanager: { endpoints: [{ url: http://a, username: u }] }',
    'alertmanager.endpoints[0]: had one of username and password_file; allowed: both or none',
  ],
  [
    'a mail server without a port',
    mail('    server: mail.example.com\n    from: a@b\n    to: [c@d]'),
    'collector.yaml:3: notify.email.server: was "mail.example.com"; allowed: a host and port, such as mail.example.com:587',
  ],
  [
    'mail to nobody',
    mail('    server: m:25\n    from: a@b'),
    'notify.email.to: missing; allowed: at least one; each an e-mail address, such as dba@example.com',
  ],
  [
    'mail from nobody',
    mail('    server: m:25\n    to: [a@b]'),
    'notify.email.from: missing; allowed: an e-mail address, such as dba@example.com',
  ],
  [
    'people without a mail server',
    mail('    to: [a@b]'),
    'notify.email.server: missing; allowed: a host and port, such as mail.example.com:587',
  ],
  [
    'a password in clear text',
    mail(
      '    server: mail.example.com:25\n    tls: none\n    from: a@b\n    to: [c@d]\n    username: u\n    password_file: /p',
    ),
    'notify.email.tls: was none, which sends the password in clear text; allowed: starttls or implicit',
  ],
])('is refused: %s', (_what, text, problem) => {
  expect(load(text).problems).toEqual([problem])
})

test('what is printed of a webhook is where it is, without the path that lets anybody post there', () => {
  const { config } = load('notify: { webhooks: [{ url: https://hooks.example/services/T0/secret }] }')
  const printed = printOptions(collectorProgram.table, config!)['notify.webhooks']
  expect(printed).toBe('[{"url":"https://hooks.example/***"}]')
})
