package main

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/nnfield/nnfield/kernel/internal/install"
)

// about is what a bug report needs to say.
type about struct {
	Version string `json:"version"`
	Go      string `json:"go"`
	System  string `json:"system"`
	Kernel  string `json:"kernel"` // directory of the installed kernel, "" if none
	Chain   string `json:"toolchain"`
	Home    string `json:"home"`
	Licence string `json:"license"`
}

func newAbout() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "about",
		Short: "Say what this is, for a bug report",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			a := about{System: runtime.GOOS + "/" + runtime.GOARCH, Home: "https://github.com/nnfield/nnfield", Licence: "Apache-2.0"}
			a.Version, a.Go = versions()
			if dir, ok := install.Find(install.SearchPath()); ok {
				a.Kernel = dir
				if r, err := install.ReadRecord(dir); err == nil {
					a.Chain = r.Toolchain.Dir
				}
			}
			out := cmd.OutOrStdout()
			if asJSON {
				return printJSON(out, a)
			}
			kernel := a.Kernel
			if kernel == "" {
				kernel = "not installed; nnfield install"
			}
			_, err := fmt.Fprintf(out, "nnfield, a laboratory for field theories of neural networks\n\n"+
				"version    %s, %s, %s\nkernel     %s\ntoolchain  %s\nhome       %s\nlicense    %s\n",
				a.Version, a.Go, a.System, kernel, a.Chain, a.Home, a.Licence)
			return err
		},
	}
	jsonFlag(cmd, &asJSON)
	return cmd
}

// citation is what CITATION.cff says, as BibTeX.
const citation = `@software{nnfield,
  author  = {{The nnfield maintainers}},
  title   = {nnfield: neural networks as field theories},
  url     = {https://github.com/nnfield/nnfield},
  version = {%s}
}

@article{vanchurin2024emergent,
  author = {Vanchurin, Vitaly},
  title  = {Emergent field theories from neural networks},
  year   = {2024},
  url    = {https://arxiv.org/abs/2411.08138}
}

@article{vanchurin2022gravity,
  author  = {Vanchurin, Vitaly},
  title   = {Towards a theory of quantum gravity from neural networks},
  journal = {Entropy},
  volume  = {24},
  year    = {2022},
  url     = {https://arxiv.org/abs/2111.00903}
}

@article{vanchurin2020world,
  author  = {Vanchurin, Vitaly},
  title   = {The world as a neural network},
  journal = {Entropy},
  volume  = {22},
  year    = {2020},
  url     = {https://arxiv.org/abs/2008.01540}
}
`

func newCite() *cobra.Command {
	return &cobra.Command{
		Use:   "cite",
		Short: "Print what to cite, as BibTeX",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			version, _ := versions()
			_, err := fmt.Fprintf(cmd.OutOrStdout(), citation, version)
			return err
		},
	}
}
