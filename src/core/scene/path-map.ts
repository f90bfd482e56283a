// The path map as plain shapes in pixels.

export interface PathMap {
  readonly width: number;
  readonly height: number;
}
