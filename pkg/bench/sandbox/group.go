package sandbox

import (
	"context"
	"errors"
)

func (c *Cell) group(string) error            { return errors.ErrUnsupported }
func (c *Cell) ungroup(context.Context) error { return nil }
func reason(err error) error                  { return err }

type errNoController string

func (e errNoController) Error() string { return "there is no controller " + string(e) }

// Systemd is what the ladder asks of a manager.
type Systemd interface{}
