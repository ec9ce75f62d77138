/** Entry of the page. */
import { render } from 'preact';
import { App } from './app.js';
import './style/tokens.css';
import './style/base.css';
import './style/layout.css';
import './style/ticket.css';
import './style/result.css';
import './style/items.css';

render(<App />, document.getElementById('app')!);
