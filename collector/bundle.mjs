import { fileURLToPath } from 'node:url'
import { bundleOf } from '../common/bundle.mjs'

export const { bundleFile, bundleIsFresh, bundleEnd } = bundleOf('collector')

/** Where V8's code for the bundle is kept, filled when the bundle is made. */
export const compileCache = fileURLToPath(new URL('dist/compile-cache', import.meta.url))
