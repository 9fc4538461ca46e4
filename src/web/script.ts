/**
 * What the pages do beside what they do without it: fill in a code that came behind `#` (which no server and no log
 * sees), and keep the numbers of the status page fresh. ES5: assistants of old phones have old browsers.
 */
export const script = `(function(){
var code=document.getElementById('code'),hash=location.hash.slice(1);
if(code&&hash){try{code.value=decodeURIComponent(hash)}catch(e){}
if(history.replaceState)history.replaceState(null,'',location.pathname+location.search)}
var live=document.querySelector('[data-live]');
if(!live||!window.fetch)return;
var asked=live.getAttribute('data-live'),state=live.getAttribute('data-state');
function next(){setTimeout(ask,document.hidden?20000:4000)}
function ask(){fetch(asked,{headers:{Accept:'application/json'}}).then(function(r){return r.json()}).then(function(now){
if(now.state!==state){location.reload();return}
for(var id in now.texts){var at=document.getElementById(id);if(at&&at.textContent!==now.texts[id])at.textContent=now.texts[id]}
for(var bar in now.bars){var b=document.getElementById(bar);if(b)b.value=now.bars[bar]}
next()}).catch(next)}
next()})();
`;
