/**
 * The line that makes a new host a member of the fleet; to be pasted into a shell there. The quotes keep what follows # from being taken for a comment.
 * @param collector as agentctl reaches it; only by https do agents join, so another one has to be filled in
 */
export function setupLine(offered: {
  readonly node: string
  readonly token: string
  readonly collector: string
}): string {
  const { node, token, collector } = offered
  const url = collector.startsWith('https:') ? collector.replace(/\/+$/, '') : 'https://<collector>:8432'
  return `sudo pgherd-agent setup ${node} --join '${url}#${token}'`
}
