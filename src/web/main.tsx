/** Entry of the page. */
import { render } from 'preact';
import { Shell } from './shell.js';
import './style/tokens.css';
import './style/base.css';
import './style/layout.css';
import './style/ticket.css';
import './style/result.css';
import './style/items.css';
import './style/site.css';

render(<Shell />, document.getElementById('app')!);
