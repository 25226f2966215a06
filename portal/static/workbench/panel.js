// The list of marks and the inspector of the chosen one.

export class Panel {
  constructor(bench) {
    this.bench = bench;
    bench.store.addEventListener("change", () => this.refresh());
    bench.store.addEventListener("select", () => this.refresh());
    this.refresh();
  }

  refresh() {}
}
