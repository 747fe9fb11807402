import { useState } from 'preact/hooks'
import type { JSX } from 'preact'
import { formatAge } from '../format/time.ts'
import type { Scope } from '../query/variables.ts'
import { facts as allFacts, factText } from './facts.ts'
import type { FactValues } from './facts.ts'
import type { ClusterHealth, Level, NodeHealth, Problem } from './health.ts'

interface Properties {
  readonly fleet: readonly ClusterHealth[]
  readonly facts: FactValues
  readonly scope: Scope
  readonly nowMs: number
  readonly onSelect: (scope: Scope) => void
}

/** With fewer nodes than this a filter is only in the way. */
const filterFrom = 12

/** A card for each cluster with a tile for each node, the worst first. Selecting one twice selects the fleet. */
export function FleetGrid({ fleet, facts, scope, nowMs, onSelect }: Properties): JSX.Element {
  const [filter, setFilter] = useState('')
  const count = fleet.reduce((sum, { nodes }) => sum + nodes.length, 0)
  const wanted = filter.trim().toLowerCase()
  const shown = fleet.filter(
    ({ cluster, nodes }) =>
      cluster.toLowerCase().includes(wanted) ||
      nodes.some(({ node }) => node.node.toLowerCase().includes(wanted) || node.ip.includes(wanted)),
  )
  return (
    <section class="fleet" aria-label="Fleet">
      {count >= filterFrom && (
        <input
          type="search"
          class="fleet-filter"
          placeholder="Find a cluster, node or address"
          aria-label="Find a cluster, node or address"
          value={filter}
          onInput={(event) => setFilter(event.currentTarget.value)}
        />
      )}
      <div class="clusters">
        {shown.map((cluster) => (
          <ClusterCard
            key={cluster.cluster}
            health={cluster}
            facts={facts}
            scope={scope}
            nowMs={nowMs}
            onSelect={onSelect}
          />
        ))}
        {shown.length === 0 && <p class="empty">No cluster or node matches “{filter}”.</p>}
      </div>
    </section>
  )
}

interface CardProperties extends Omit<Properties, 'fleet'> {
  readonly health: ClusterHealth
}

function ClusterCard({ health, facts, scope, nowMs, onSelect }: CardProperties): JSX.Element {
  const isSelected = scope.cluster === health.cluster && scope.node === null
  return (
    <article class={`cluster level-${health.level}`} data-cluster={health.cluster}>
      <button
        type="button"
        class="cluster-name"
        aria-pressed={isSelected}
        onClick={() => onSelect({ cluster: isSelected ? null : health.cluster, node: null })}
      >
        <LevelMark level={health.level} />
        <strong>{health.cluster}</strong>
        <span class="soft">
          {health.nodes.length} {health.nodes.length === 1 ? 'node' : 'nodes'}
        </span>
      </button>
      <Problems problems={health.problems} />
      <ul>
        {health.nodes.map((node) => (
          <li key={node.node.node}>
            <NodeTile health={node} facts={facts} scope={scope} nowMs={nowMs} onSelect={onSelect} />
          </li>
        ))}
      </ul>
    </article>
  )
}

interface TileProperties extends Omit<CardProperties, 'health'> {
  readonly health: NodeHealth
}

function NodeTile({ health, facts, scope, nowMs, onSelect }: TileProperties): JSX.Element {
  const { node } = health
  const isSelected = scope.node === node.node
  const age = node.lastSampleMs === null ? 'never' : formatAge(nowMs - node.lastSampleMs)
  return (
    <button
      type="button"
      class={`node level-${health.level}`}
      data-node={node.node}
      data-up={node.up === null ? 'unknown' : String(node.up)}
      aria-pressed={isSelected}
      onClick={() =>
        onSelect(
          isSelected ? { cluster: node.cluster, node: null } : { cluster: node.cluster, node: node.node },
        )
      }
    >
      <span class="node-line">
        <LevelMark level={health.level} />
        <strong>{node.node}</strong>
        <span class={`role role-${node.up === false ? 'down' : (node.role ?? 'unknown')}`}>
          {node.up === false ? 'down' : (node.role ?? 'unknown')}
        </span>
        <span
          class="soft node-age"
          title={`agent ${node.version} on ${node.ip} ${node.connected ? 'connected' : 'not connected'}, last sample ${age}`}
        >
          {node.connected ? 'agent ✓' : 'agent gone'} · {age}
        </span>
      </span>
      <span class="node-facts">
        {allFacts.map((fact) => (
          <span key={fact.name}>
            <span class="soft fact-label">{fact.label}</span> {factText(fact, node.node, facts)}
          </span>
        ))}
      </span>
      <Problems problems={health.problems} />
    </button>
  )
}

function Problems({ problems }: { readonly problems: readonly Problem[] }): JSX.Element | null {
  if (problems.length === 0) return null
  return (
    <span class="problems">
      {problems.map(({ level, text }) => (
        <span key={text} class={`problem level-${level}`}>
          {text}
        </span>
      ))}
    </span>
  )
}

const marks: Readonly<Record<Level, { readonly sign: string; readonly text: string }>> = {
  ok: { sign: '✓', text: 'well' },
  warning: { sign: '!', text: 'warning' },
  critical: { sign: '✕', text: 'critical' },
}

/** Shape and text as well as colour: nobody has to tell red from green. */
function LevelMark({ level }: { readonly level: Level }): JSX.Element {
  return (
    <span class={`mark mark-${level}`} role="img" aria-label={marks[level].text}>
      {marks[level].sign}
    </span>
  )
}
