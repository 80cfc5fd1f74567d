// Notes in which frame which view was drawn. A view is a canvas in the document, or the figure whose shadow root it is in;
// a drawing counts as seen when the next frame begins and what WebGL was told has been carried out.
(() => {
  const watch = (globalThis.watch = {frames: [], views: [], down: 0, up: 0});
  const drawn = new Set(), drawing = new Set();
  function note(canvas) {
    if (!canvas.isConnected || canvas.width < 100) return;
    const root = canvas.getRootNode(), view = root.host ?? canvas;
    if (!watch.views.includes(view)) watch.views.push(view);
    if (!drawn.size) requestAnimationFrame(seen);
    drawn.add(watch.views.indexOf(view));
  }
  function seen() {
    for (const gl of drawing) {
      const bound = gl.getParameter(gl.FRAMEBUFFER_BINDING);
      gl.bindFramebuffer(gl.FRAMEBUFFER, null);
      gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4)); // waits; gl.finish does not
      gl.bindFramebuffer(gl.FRAMEBUFFER, bound);
    }
    watch.frames.push({time: performance.now(), views: [...drawn]});
    drawn.clear(); drawing.clear();
  }
  function hook(kind, names, told) {
    for (const name of names) {
      const original = kind.prototype[name];
      kind.prototype[name] = function (...given) { told(this); return original.apply(this, given); };
    }
  }
  hook(CanvasRenderingContext2D, ['clearRect', 'drawImage', 'putImageData'], context => note(context.canvas));
  for (const kind of [WebGLRenderingContext, WebGL2RenderingContext])
    hook(kind, ['drawArrays', 'drawElements', 'clear'], gl => { drawing.add(gl); if (gl.canvas.isConnected) note(gl.canvas); });
  for (const name of ['down', 'up'])
    window.addEventListener(`pointer${name}`, event => { watch[name] = event.timeStamp; }, true);

  // When the last of the views was seen after `since`, once nothing has been drawn for a while.
  watch.settled = async (since, views, quiet, patience) => {
    const began = performance.now();
    for (let frames = 0, last = -1; ; frames++) {
      await new Promise(requestAnimationFrame);
      const after = watch.frames.filter(frame => frame.time > since);
      const count = new Set(after.flatMap(frame => frame.views)).size, now = performance.now();
      if (after.length !== last) [last, frames] = [after.length, 0];
      if (count >= views && frames > 10 && now - after.at(-1).time > quiet) return after.at(-1).time - since;
      if (now - began > patience) throw new Error(`${count} of ${views} views drawn in ${patience / 1000} s`);
    }
  };
  // How often the least drawn view was drawn between pointer down and up, a second.
  watch.rate = () => {
    const {down, up} = watch, times = watch.views.map(() => 0);
    for (const {time, views} of watch.frames) if (time > down && time <= up) for (const view of views) times[view]++;
    return Math.min(...times) / ((up - down) / 1000);
  };
  // Place of the first view: left, top, width, height.
  watch.place = async () => {
    const boxes = watch.views.filter(view => view.isConnected).map(view => [view, view.getBoundingClientRect()]);
    const [view] = boxes.sort(([, a], [, b]) => a.top - b.top || a.left - b.left)[0];
    view.scrollIntoView({block: 'nearest'});
    await new Promise(requestAnimationFrame);
    const {left, top, width, height} = view.getBoundingClientRect();
    return [left, top, width, height];
  };
})();
