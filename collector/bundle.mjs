import { bundleOf } from '../common/bundle.mjs'

export const { bundleFile, bundleIsFresh, bundleEnd } = bundleOf('collector')
