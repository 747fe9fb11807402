import type { JSX } from 'preact'
import type { NotifyView } from '../../../common/alerts/notify-view.ts'
import { formatAge } from '../format/time.ts'
import { LevelMark } from '../parts/level-mark.tsx'

type Target = Pick<NotifyView['webhooks'][number], 'up' | 'lastSentMs' | 'lastError' | 'waiting'>

/** Who is told when something fires, and whether that works. */
export function NotifyState({
  notify,
  nowMs,
}: {
  readonly notify: NotifyView
  readonly nowMs: number
}): JSX.Element {
  if (notify.via === 'nobody') {
    return (
      <p class="notify level-warning">
        <LevelMark level="warning" /> Nobody is told: alerts are only shown here. Set{' '}
        <code>rules.alertmanagers</code>, or a webhook or e-mail of the collector&apos;s own.
      </p>
    )
  }
  const { alertmanagers, webhooks, email } = notify
  return (
    <ul class="notify-targets">
      {alertmanagers.map((one) => (
        <TargetState key={one.url} what={`Alertmanager ${one.url}`} target={one} nowMs={nowMs} />
      ))}
      {webhooks.map((one) => (
        <TargetState key={one.url} what={`Webhook ${one.url}`} target={one} nowMs={nowMs} />
      ))}
      {email !== null && (
        <TargetState
          what={`E-mail to ${email.to.join(', ')} by ${email.server}`}
          target={email}
          nowMs={nowMs}
        />
      )}
    </ul>
  )
}

function TargetState({
  what,
  target: { up, lastSentMs, lastError, waiting },
  nowMs,
}: {
  readonly what: string
  readonly target: Target
  readonly nowMs: number
}): JSX.Element {
  const sent = lastSentMs === null ? 'nothing sent yet' : `sent ${formatAge(nowMs - lastSentMs)}`
  return (
    <li>
      <LevelMark level={up === null ? 'unknown' : up ? 'ok' : 'critical'} /> {what}
      <span class="soft">
        {' '}
        · {sent}
        {waiting > 0 && `, ${waiting} waiting`}
      </span>
      {up === false && lastError !== null && <p class="problem level-critical">{lastError}</p>}
    </li>
  )
}
