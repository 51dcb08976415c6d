/** Why a request of a consumer group is refused: a KafkaError with Kafka's text. Thrown inside a call, answered at its door. */
export class Rejection extends Error {
  override readonly name = 'Rejection';
  constructor(
    /** KafkaError. */
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

/** Runs a decision; a refusal becomes an answer. Everything else is a programmer's error and goes on. */
export function orRefuse<Result>(decide: () => Result, refuse: (rejection: Rejection) => Result): Result {
  try {
    return decide();
  } catch (error) {
    if (error instanceof Rejection) return refuse(error);
    throw error;
  }
}
