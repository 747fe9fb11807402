/** CSS pixels, shared by every kind of chart so that the same instant is at the same place on all of them. */
export const gutterLeft = 68
export const gutterRight = 18
export const chartHeight = 190
