import { cookies } from 'next/headers';

export interface User {
  id: string;
}

/** Who is signed in, as the server knows. Yours verifies a session; this example takes a cookie's word for it. */
export async function currentUser(): Promise<User | null> {
  const id = (await cookies()).get('user')?.value;
  return id === undefined ? null : { id };
}
