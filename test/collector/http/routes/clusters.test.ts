import { expect, test } from 'vitest'
import { clusterAnswer, clustersAnswer } from '../../../../common/health/cluster-view.ts'
import { createStanding } from '../../../../collector/topology/standing.ts'
import { goodCluster, judge, nowMs } from '../../topology/reports.ts'
import { startServer } from '../test-server.ts'

const view = createStanding().view(judge(goodCluster()), nowMs)
const clusters = { list: () => [view], one: (name: string) => (name === 'ha' ? view : undefined) }

test('clusters are listed in the shape of the contract, and one of them by its name', async () => {
  const server = await startServer({ clusters })
  const list = await server.inject({ url: '/api/v1/clusters' })
  expect(clustersAnswer.parse(list.json()).data).toEqual([view])
  const one = await server.inject({ url: '/api/v1/clusters/ha' })
  expect(clusterAnswer.parse(one.json()).data).toEqual(view)
})

test('a cluster that nobody reports of is not found', async () => {
  const server = await startServer({ clusters })
  const answer = await server.inject({ url: '/api/v1/clusters/other' })
  expect(answer.statusCode).toBe(404)
  expect(answer.json()).toMatchObject({ error: expect.stringContaining('"other"') as string })
})
