/**
 * What the pages do beside what they do without it: fill in a code that came behind `#` (which no server and no log
 * sees), and keep the numbers of the status page fresh. ES5, and no `fetch`: assistants of old phones have old browsers.
 */
export const script = `(function(){
var code=document.getElementById('code'),hash=location.hash.slice(1);
if(code&&hash){try{code.value=decodeURIComponent(hash)}catch(e){}
if(history.replaceState)history.replaceState(null,'',location.pathname+location.search)}
var live=document.querySelector('[data-live]');
if(!live)return;
var asked=live.getAttribute('data-live'),state=live.getAttribute('data-state');
function next(){setTimeout(ask,document.hidden?20000:4000)}
function show(now){
if(now.state!==state){location.reload();return}
for(var id in now.texts){var at=document.getElementById(id);if(at&&at.textContent!==now.texts[id])at.textContent=now.texts[id]}
for(var bar in now.bars){var b=document.getElementById(bar);if(b)b.value=now.bars[bar]}
next()}
function ask(){var x=new XMLHttpRequest();x.open('GET',asked);x.setRequestHeader('Accept','application/json');
x.onreadystatechange=function(){if(x.readyState!==4)return;var now;try{now=JSON.parse(x.responseText)}catch(e){}
if(now)show(now);else next()};
x.send()}
next()})();
`;
