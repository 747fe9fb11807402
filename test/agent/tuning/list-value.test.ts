import { describe, expect, test } from 'vitest'
import { isSameStored, listElements, listText } from '../../../agent/tuning/list-value.ts'

describe('the elements of a list', () => {
  test.each([
    ['shared_preload_libraries', 'a,b', ['a', 'b']],
    ['shared_preload_libraries', ' a , "b,c" ,"d""e"', ['a', 'b,c', 'd"e']],
    ['shared_preload_libraries', '"a,b"', ['a,b']],
    ['shared_preload_libraries', 'My.Lib', ['My.Lib']],
    ['unix_socket_directories', '/run/my sockets, /tmp', ['/run/my sockets', '/tmp']],
    ['search_path', '"$user", Public', ['$user', 'public']],
    ['search_path', '"Public"', ['Public']],
    ['search_path', '""', ['']],
    ['search_path', '  ', []],
  ])('of %s %s', (name, text, elements) => {
    expect(listElements(name, text)).toEqual(elements)
  })

  test.each(['a,', ',a', 'a,,b', '"a', '"a"b'])('are not in %s, which the server would not read', (text) => {
    expect(() => listElements('shared_preload_libraries', text)).toThrow(/is no list/)
  })

  test('give a text that has the same elements', () => {
    const elements = ['pg_stat_statements', 'My Lib', 'a"b', '$user', '']
    expect(listElements('shared_preload_libraries', listText(elements))).toEqual(elements)
  })
})

describe('a stored list is what was written', () => {
  test('however it is spelled', () => {
    expect(isSameStored('search_path', '"$user", public', '"$user",Public')).toBe(true)
    expect(isSameStored('search_path', 'a, b', 'b, a')).toBe(false)
  })

  test('where it is no list, only as the same text, and nothing is only nothing', () => {
    expect(isSameStored('archive_command', 'a, b', 'a,b')).toBe(false)
    expect(isSameStored('search_path', 'a,', 'a,')).toBe(true)
    expect(isSameStored('search_path', null, 'a')).toBe(false)
    expect(isSameStored('search_path', null, null)).toBe(true)
  })
})
