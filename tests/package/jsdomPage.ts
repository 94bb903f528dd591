/**
 * The beginning of a script for plain Node: a page in jsdom, React in whatever release is installed, `mount(element)`,
 * which answers how to unmount, and `leave()`. What React or anybody else complains of is in `complaints`.
 */
export const jsdomPage = `
  const { JSDOM } = require('jsdom');
  const dom = new JSDOM('<!doctype html><div id="root"></div>', { url: 'https://app.example.test/', pretendToBeVisual: true });
  for (const name of ['window', 'document', 'navigator'])
    Object.defineProperty(globalThis, name, { value: dom.window[name], configurable: true });
  delete globalThis.WebSocket;
  const complaints = [];
  console.error = (...args) => complaints.push(args.join(' '));
  console.warn = console.error;
  process.on('unhandledRejection', error => complaints.push(String(error)));

  const React = require('react');
  const major = Number(React.version.split('.')[0]);
  const container = document.getElementById('root');
  const mount = element => {
    if (major < 18) {
      const ReactDOM = require('react-dom');
      ReactDOM.render(element, container);
      return () => ReactDOM.unmountComponentAtNode(container);
    }
    const tree = require('react-dom/client').createRoot(container);
    tree.render(element);
    return () => tree.unmount();
  };
  const leave = () => {
    dom.window.close();
    // The scheduler of React 17 holds a message channel that would keep Node running.
    if (major < 18) process.exit();
  };
`;
