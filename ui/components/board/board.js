// The component has a style only.

export default function () {}
