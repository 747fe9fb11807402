import { expect, test } from 'vitest'
import { reservedConnections } from '../../../../../agent/tuning/rules/connections/reserved-connections.ts'
import { saidBy, silent } from '../made-up.ts'

test('from 200 connections on administrators and monitoring have places of their own', () => {
  expect(saidBy(reservedConnections, { settings: { max_connections: '199' } })).toEqual(silent)
  expect(saidBy(reservedConnections, { settings: { max_connections: '200' } }).values).toEqual({
    superuser_reserved_connections: '5',
    reserved_connections: '5',
  })
})

test('until 15 only superusers can have some', () => {
  expect(saidBy(reservedConnections, { major: 15, settings: { max_connections: '200' } }).values).toEqual({
    superuser_reserved_connections: '5',
  })
})

test('many connections have one more; never more than the double', () => {
  expect(saidBy(reservedConnections, { settings: { max_connections: '2000' } }).values).toMatchObject({
    superuser_reserved_connections: '6',
  })
})

test('what somebody has set stays', () => {
  const settings = {
    max_connections: '500',
    superuser_reserved_connections: '4',
    reserved_connections: '2',
  }
  expect(saidBy(reservedConnections, { settings })).toEqual(silent)
})
