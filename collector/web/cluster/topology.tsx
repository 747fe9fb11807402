import type { JSX } from 'preact'
import { formatValue } from '../format/units.ts'
import { MemberCard } from './member-card.tsx'
import type { Edge, TreeNode } from './topology-tree.ts'

/** Who follows whom, as a tree: a standby stands beside its sender, what lies between them is told on the line. */
export function Topology({ trees }: { readonly trees: readonly TreeNode[] }): JSX.Element {
  return (
    <ul class="topology" aria-label="Topology">
      {trees.map((tree) => (
        <Branch key={tree.member.server} tree={tree} />
      ))}
    </ul>
  )
}

function Branch({ tree: { member, edge, standbys } }: { readonly tree: TreeNode }): JSX.Element {
  return (
    <li class="branch">
      {edge !== null && <EdgeLine edge={edge} />}
      <MemberCard member={member} />
      {standbys.length > 0 && (
        <ul class="standbys" aria-label={`Standbys of ${member.server}`}>
          {standbys.map((one) => (
            <Branch key={one.member.server} tree={one} />
          ))}
        </ul>
      )}
    </li>
  )
}

function EdgeLine({ edge }: { readonly edge: Edge }): JSX.Element {
  const isWell = edge.state === 'streaming'
  const bytes = formatValue(edge.lagBytes, 'bytes')
  return (
    <p class={`edge ${isWell ? 'edge-well' : 'edge-broken'}`} data-edge>
      <span class="edge-arrow" aria-hidden="true">
        ⟶
      </span>
      <span>{edge.state ?? 'not streaming'}</span>
      {edge.sync !== null && <span class={`sync sync-${edge.sync}`}>{edge.sync}</span>}
      <span class="edge-lag">
        {bytes} · {formatValue(edge.lagSeconds, 'seconds')} behind
      </span>
      {edge.slot !== null && <span class="soft">slot {edge.slot}</span>}
    </p>
  )
}
