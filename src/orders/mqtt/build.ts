import type { IPublishPacket } from 'mqtt';
import { present } from '../../domain/present.js';
import type { Connection } from '../../mqtt/connection.js';
import { PacketTooLarge } from '../../mqtt/error.js';
import type { MqttConfig } from '../../mqtt/section.js';
import type { OrderParts, OrderSource } from '../../ports/order-source.js';
import { Orders } from './orders.js';

/** Takes the orders that the configuration allows. */
export async function buildOrders(
  { prefix, orders: allowed }: MqttConfig,
  { link, router, orderly, log }: OrderParts<Connection>,
): Promise<OrderSource | undefined> {
  if (allowed.length === 0) return undefined;
  const warn = (text: string) => log('warn', `mqtt: ${text}`);
  const orders = new Orders({ prefix, router, allowed, execute: orderly.call, warn });
  const obey = async (payload: Buffer, { retain, properties }: IPublishPacket) => {
    const { responseTopic, correlationData } = properties ?? {};
    const answer = await orders.take({ payload, retained: retain, ...present({ responseTopic }) });
    if (!answer) return;
    const { topic, payload: said, instead } = answer;
    const send = (reply: Buffer) => link.publish({ topic, payload: reply, ...present({ correlationData }) });
    await send(said).catch((cause) => {
      if (!(cause instanceof PacketTooLarge)) throw cause;
      warn(cause.message);
      return send(instead());
    });
  };
  link.receive(link.topic('command'), (payload, packet) => {
    obey(payload, packet).catch((cause: Error) => warn(`an answer was not sent: ${cause.message}`));
  });
  return {
    get standing() {
      return link.standing;
    },
    async stop() {},
  };
}
