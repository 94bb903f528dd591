import type { Trouble, TroubleState } from '../troubles';

interface Press {
  readonly trouble: Trouble;
  readonly label: string;
  readonly hint: string;
  /** What the log says of it. */
  readonly said: string;
}

/** A button that breaks something; some stay pressed until they are pressed again. */
export interface TroubleButton extends Press {
  readonly heal?: Press;
  isOn(state: TroubleState): boolean;
}

const restore: Press = {
  trouble: 'restore-network',
  label: 'Restore the network',
  hint: 'New connections get through.',
  said: 'You restored the network',
};

const never = () => false;

export const troubleGroups: readonly { title: string; buttons: readonly TroubleButton[] }[] = [
  {
    title: 'Network',
    buttons: [
      {
        trouble: 'cut-network',
        label: 'Cut the network',
        hint: 'Socket and token endpoint are out of reach.',
        said: 'You cut the network',
        heal: restore,
        isOn: ({ network }) => network === 'cut',
      },
      {
        trouble: 'silence-network',
        label: 'Let it go silent',
        hint: 'Nothing breaks, nothing arrives.',
        said: 'You let the network go silent',
        heal: restore,
        isOn: ({ network }) => network === 'silent',
      },
      {
        trouble: 'sleep',
        label: 'Sleep for 8 hours',
        hint: 'Clocks move on, the network wakes late.',
        said: 'You closed the lid',
        isOn: never,
      },
    ],
  },
  {
    title: 'Server',
    buttons: [
      {
        trouble: 'restart-server',
        label: 'Restart the server',
        hint: 'Says goodbye (1012), back in 3 s.',
        said: 'You restarted the server',
        isOn: never,
      },
      {
        trouble: 'kill-server',
        label: 'Kill the server',
        hint: 'Gone without a word, back in 4 s.',
        said: 'You killed the server',
        isOn: never,
      },
      {
        trouble: 'forbid-link',
        label: 'Forbid the link',
        hint: 'Closed, and not dialled until you ask.',
        said: 'You had the server forbid the link',
        isOn: never,
      },
    ],
  },
  {
    title: 'Token and session',
    buttons: [
      {
        trouble: 'expire-token',
        label: 'Expire the token',
        hint: 'Refused from now on, closed with 1008.',
        said: 'You expired the token',
        isOn: never,
      },
      {
        trouble: 'hang-token-endpoint',
        label: 'Hang the token endpoint',
        hint: 'Takes requests, answers none.',
        said: 'You let the token endpoint hang',
        heal: {
          trouble: 'heal-token-endpoint',
          label: 'Let the endpoint answer',
          hint: 'The next request gets a token.',
          said: 'You let the token endpoint answer again',
        },
        isOn: ({ tokenEndpoint }) => tokenEndpoint === 'hanging',
      },
      {
        trouble: 'end-session',
        label: 'End the session',
        hint: 'On the server. This one signs you out.',
        said: 'You ended the session on the server',
        isOn: never,
      },
    ],
  },
];
