import { PgherdError } from '../../../common/errors.ts'
import { wireBytes, wireFixed64, wireVarint } from '../../../common/wire/protobuf-read.ts'
import { valueText } from './attribute-text.ts'
import type { AttributeValue } from './attribute-text.ts'
import type { FieldReader } from './protobuf-fields.ts'

const mostLevels = 32

/** A KeyValue of common/v1. */
export function readAttribute(reader: FieldReader): readonly [string, string] {
  const [key, value] = readKeyValue(reader, 0)
  return [key, valueText(value)]
}

function readKeyValue(reader: FieldReader, level: number): [string, AttributeValue] {
  let key = ''
  let value: AttributeValue = null
  reader.message(reader.length(), (field, wireType) => {
    if (wireType !== wireBytes) return false
    if (field === 1) key = reader.text()
    else if (field === 2) value = readAnyValue(reader, level)
    else return false
    return true
  })
  return [key, value]
}

function readAnyValue(reader: FieldReader, level: number): AttributeValue {
  if (level > mostLevels)
    throw new PgherdError('BAD_DATA', 'the values of an attribute are nested too deeply')
  let value: AttributeValue = null
  reader.message(reader.length(), (field, wireType) => {
    if (field === 1 && wireType === wireBytes) value = reader.text()
    else if (field === 2 && wireType === wireVarint) value = reader.uint() !== 0
    else if (field === 3 && wireType === wireVarint) value = BigInt(reader.int())
    else if (field === 4 && wireType === wireFixed64) value = reader.double()
    else if (field === 5 && wireType === wireBytes) value = readArray(reader, level + 1)
    else if (field === 6 && wireType === wireBytes) value = readMap(reader, level + 1)
    else if (field === 7 && wireType === wireBytes) value = Buffer.from(reader.bytes()).toString('base64')
    else return false
    return true
  })
  return value
}

function readArray(reader: FieldReader, level: number): AttributeValue {
  const values: AttributeValue[] = []
  reader.message(reader.length(), (field, wireType) => {
    if (field !== 1 || wireType !== wireBytes) return false
    values.push(readAnyValue(reader, level))
    return true
  })
  return values
}

function readMap(reader: FieldReader, level: number): AttributeValue {
  const values = new Map<string, AttributeValue>()
  reader.message(reader.length(), (field, wireType) => {
    if (field !== 1 || wireType !== wireBytes) return false
    values.set(...readKeyValue(reader, level))
    return true
  })
  return values
}
