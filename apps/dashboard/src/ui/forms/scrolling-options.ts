import classes from './scrolling-options.module.css';

/**
 * For Select and TagsInput with more choices than there is room: the list itself scrolls, to which the field points, and
 * not a box around it, which a keyboard could not reach.
 */
export const SCROLLING_OPTIONS = { withScrollArea: false, classNames: { options: classes['options'] ?? '' } };
