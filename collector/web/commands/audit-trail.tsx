import { useState } from 'preact/hooks'
import type { JSX } from 'preact'
import { formatDateTime } from '../format/time.ts'
import { CopyLine } from '../parts/copy-line.tsx'
import { LevelMark } from '../parts/level-mark.tsx'
import type { PageContext } from '../state/page-context.ts'
import { usePolled } from '../state/use-polled.ts'
import { whatText } from './audit-words.ts'
import { brokenLink, loadAudit, loadFindings } from './load-audit.ts'
import type { AuditTail } from './load-audit.ts'
import { ColumnHeads } from '../parts/column-heads.tsx'

/** Who did what, as the chains have it, and whether those are whole. */
export function AuditTrail({ context: { client, refresh } }: { readonly context: PageContext }): JSX.Element {
  const [chain, setChain] = useState('collector')
  const audit = usePolled(chain, refresh.seq, true, (signal) => loadAudit(client, chain, signal))
  const findings = usePolled('findings', refresh.seq, true, (signal) => loadFindings(client, signal))
  return (
    <section aria-labelledby="audit-title" class="audit">
      <h2 id="audit-title">Audit</h2>
      <div class="finder">
        <label>
          Chain{' '}
          <select value={chain} onChange={(event) => setChain(event.currentTarget.value)}>
            {(audit.data?.chains ?? [chain]).map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
        {audit.data !== null && <ChainState tail={audit.data} found={findings.data?.get(chain)} />}
      </div>
      <p class="soft">
        Who wants to believe nobody, downloads the chains and computes them:{' '}
        <CopyLine text="agentctl audit verify" />
      </p>
      {audit.error !== null && <p class="panel-error">{audit.error}</p>}
      {audit.data !== null && <Entries tail={audit.data} />}
    </section>
  )
}

function ChainState({
  tail,
  found,
}: {
  readonly tail: AuditTail
  readonly found: number | undefined
}): JSX.Element {
  const broken = brokenLink(tail.entries)
  if (broken !== null || (found !== undefined && found > 0)) {
    return (
      <p class="chain-state level-critical">
        <LevelMark level="critical" />{' '}
        {broken === null
          ? `The collector has found ${found ?? 0} things wrong in it.`
          : `Entry ${broken} does not follow the one before.`}
      </p>
    )
  }
  return (
    <p class="chain-state">
      <LevelMark level="ok" /> {tail.newest} entries; each of those shown follows the one before
      {found === 0 && ', and the collector has found nothing wrong in the chain'}.
    </p>
  )
}

function Entries({ tail: { entries } }: { readonly tail: AuditTail }): JSX.Element {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Entries of the audit">
      <table>
        <ColumnHeads names={['Time', 'Event', 'Who', 'Where', 'What', 'Outcome']} />
        <tbody>
          {entries.map((entry) => (
            <tr key={entry.seq} class={entry.event === 'refused' ? 'row-bad' : ''}>
              <td>
                <time dateTime={new Date(entry.atMs).toISOString()}>{formatDateTime(entry.atMs)}</time>
              </td>
              <td>{entry.event}</td>
              <td>{entry.who}</td>
              <td>{entry.where}</td>
              <td class="wrap">
                {whatText(entry)}
                {entry.why !== '' && <span class="soft"> ({entry.why})</span>}
              </td>
              <td class="wrap">{entry.outcome ?? ''}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
