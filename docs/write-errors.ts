import { catalogue } from '../common/errors.ts'
import { writePage } from './write-page.ts'

/** Writes docs/errors.md from the catalogue, or with --check tells whether it is as it should be. */

const rows = Object.entries(catalogue).map(
  ([code, { status, exit, retry, meaning }]) =>
    `| \`${code}\` | ${status} | ${exit} | ${retry ? 'yes' : 'no'} | ${meaning} |`,
)

writePage(
  new URL('errors.md', import.meta.url),
  'docs:errors',
  `# Errors

Every error that pgherd reports on purpose has a code. The HTTP status of an answer, the exit status of a program and whether a retry can
help follow from the code. Made by \`npm run docs:errors\` from common/errors.ts. What to do about the frequent ones: [troubleshooting](troubleshooting.md).

| code | HTTP status | exit status | retry can help | meaning |
| --- | --- | --- | --- | --- |
${rows.join('\n')}
`,
)
