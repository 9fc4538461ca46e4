/** A gateway that is up (`RTF_UP | RTF_GATEWAY` of <linux/route.h>). */
const viaGateway = 0x3;

/** The gateway of the default route with the least metric; undefined without one. @param table `/proc/net/route` */
export function gatewayIn(table: string): string | undefined {
  const rows = table.split('\n').slice(1);
  const routes = rows.flatMap((row) => {
    const [, destination, gateway = '', flags = '', , , metric, mask] = row.trim().split(/\s+/);
    const isDefault = destination === '00000000' && mask === '00000000';
    const isUsed = (Number.parseInt(flags, 16) & viaGateway) === viaGateway;
    return isDefault && isUsed && /^[0-9A-F]{8}$/i.test(gateway) ? [{ gateway, metric: Number(metric) }] : [];
  });
  const [best] = routes.sort((a, b) => a.metric - b.metric);
  return best && addressOf(best.gateway);
}

/** The kernel writes the four bytes as a number of its own byte order: all of OpenWrt's targets but a few are little. */
function addressOf(hex: string): string {
  const bytes = [...Buffer.from(hex, 'hex')];
  return (isLittle ? bytes.reverse() : bytes).join('.');
}

const isLittle = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
