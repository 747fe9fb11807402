/** CSS pixels, shared by every kind of chart so that the same instant is at the same place on all of them. */
export const axisWidth = 68
export const rightPadding = 18
